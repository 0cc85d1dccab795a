// Lighter pictures on a slow or dear network, as the Weibo client tells of it or else the browser.
const { connection } = navigator;
const heavy = new Map();
// What the client told of the network on the page before, where it may be kept.
let kept = {};
try { kept = sessionStorage; } catch { /* no page before this one */ }

const lighten = (light) => {
  for (const picture of document.querySelectorAll("picture")) {
    // What is here already costs nothing more.
    if (light && picture.lastElementChild.naturalWidth) continue;
    for (const it of picture.children) {
      const name = it.srcset ? "srcset" : "src";
      if (!heavy.has(it)) heavy.set(it, it[name]);
      const full = heavy.get(it);
      const wanted = light ? full.replace(/-(750|1080)\./g, "-375.") : full;
      if (it[name] !== wanted) it[name] = wanted;
    }
  }
};

const ask = () => lighten(kept.light || connection?.saveData || /[23]g/.test(connection?.effectiveType));
ask();
if (document.body.dataset.route === "client") {
  import("./weibo.js").then(({ invoke, on }) => {
    // A client that cannot tell changes nothing, and who saves data goes on saving.
    const told = ({ network_type: type } = {}) => {
      if (!/^w(wan|ifi)$/.test(type)) return;
      kept.light = type === "wwan" ? 1 : "";
      ask();
    };
    invoke("getNetworkType", null, 4000).then(told, () => {});
    on("networkTypeChanged", told);
  }).catch(() => {});
} else {
  connection?.addEventListener?.("change", ask);
}
