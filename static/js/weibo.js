// What the Weibo client can do for a page (jsapi.md §4 to §6), as promises: `invoke` brings the answer, or fails
// with an error whose message is one of the client's codes or `absent`. Loaded in the client only.
import { within } from "./press.js";

const scope = "getNetworkType checkAvailability setBrowserTitle openMenu setMenuItems setSharingContent openImage \
invokeMenuItem scanQRCode pickImage getLocation pickContact deliverAddress:default".split(" ");

// Injected by the client, perhaps after the page.
const bridge = new Promise((done) => {
  const look = () => window.WeiboJSBridge && done(window.WeiboJSBridge);
  document.addEventListener("WeiboJSBridgeReady", look);
  look();
});

// Weibo's script, once it has taken our signature. Pages that do not name it have the bridge alone.
const admitted = async () => {
  const { jsapi } = document.body.dataset;
  if (!jsapi) throw Error("absent");
  const script = document.createElement("script");
  const loaded = new Promise((done, fail) => { script.onload = done; script.onerror = fail; });
  script.src = jsapi;
  document.head.append(script);
  const body = new URLSearchParams({ url: location.href.split("#")[0] });
  const [answer] = await Promise.all([fetch("/api/weibo/signature", { method: "POST", body }), loaded]);
  if (!answer.ok) throw Error("absent");
  const config = await answer.json();
  return new Promise((done, fail) => {
    WeiboJS.init({ ...config, scope }, ({ code }) => (code == 200 ? done(WeiboJS) : fail(Error(code))));
  });
};

const client = within(3000, admitted()).catch(() => within(2500, bridge));
// Perhaps nobody asks.
client.catch(() => {});

export const invoke = async (action, params = null, ms = 0) => {
  const it = await client;
  return within(ms, new Promise((done, fail) => it.invoke(action, params, (answer, success, code) => {
    const said = code ?? answer?.code ?? (success === false ? 500 : 200);
    if (said == 200) done(answer ?? {});
    else fail(Error(said));
  })));
};

export const on = (event, heard) => client.then((it) => it.on(event, heard)).catch(() => {});

// Those of the actions that this client has.
export const available = (...names) =>
  invoke("checkAvailability", { api_list: names }, 3000).then((has) => names.filter((name) => has[name]), () => []);
