// Tells Weibo's frame how high the page is, through appclient.js when it is there (jsapi.md §9). Outside a
// frame, or when the script did not load, nothing happens.
let told = 0;
const tell = () => {
  const app = window.App;
  const height = document.documentElement.offsetHeight;
  if (height === told || !app || typeof app.trigger !== "function") return;
  told = height;
  try {
    app.trigger("setPageHeight", `${height}px`);
  } catch {
    // The frame is not ours to mend.
  }
};
addEventListener("load", tell);
document.querySelector('script[src*="appclient"]')?.addEventListener("load", tell);
if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
tell();
