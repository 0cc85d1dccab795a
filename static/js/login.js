// Weibo's own way to sign in, without leaving its frame (oauth-and-statuses.md §2): offered where the frame's script or
// the client's bridge is there. The link beside it works everywhere.
const button = document.getElementById("login");
const address = button.dataset.address;
const offer = (login) => {
  button.hidden = false;
  button.onclick = login;
};
const bridge = () => offer(() => window.WeiboJSBridge.invoke("login", { redirect_uri: encodeURIComponent(address) }, () => {}));
const frame = () => {
  if (window.parent !== window && typeof window.App?.trigger === "function") {
    offer(() => window.App.trigger("login", { redirect_uri: address }));
  }
};
if (window.WeiboJSBridge) bridge();
else document.addEventListener("WeiboJSBridgeReady", bridge, { once: true });
frame();
document.querySelector('script[src*="appclient"]')?.addEventListener("load", frame);
