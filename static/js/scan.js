// Codes read into inputs with `data-scan` on a phone: by the Weibo client, else from a photo where the browser can.
import { beside, isRefusal, weibo } from "./beside.js";

const put = (input, text) => {
  input.value = text.trim();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
};

const photo = (input) => new Promise((done, fail) => {
  const camera = document.createElement("input");
  Object.assign(camera, { type: "file", accept: "image/*", capture: "environment" });
  camera.addEventListener("change", async () => {
    try {
      const [code] = await new BarcodeDetector().detect(await createImageBitmap(camera.files[0]));
      done(put(input, code.rawValue));
    } catch {
      fail(Error("nothing"));
    }
  });
  camera.click();
});

const scan = async (input) => {
  try {
    put(input, (await (await weibo).invoke("scanQRCode")).result);
  } catch (error) {
    if (isRefusal(error) || !window.BarcodeDetector) throw error;
    await photo(input);
  }
};

const offer = (act) => {
  for (const input of document.querySelectorAll("[data-scan]")) beside(input, input.dataset.scan, act);
};
const has = weibo ? weibo.then(({ available }) => available("scanQRCode")) : Promise.resolve([]);
has.then(([there]) => {
  if (there) offer(scan);
  else if (window.BarcodeDetector && document.body.dataset.route !== "desktop") offer(photo);
});
