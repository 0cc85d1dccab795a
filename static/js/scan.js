// Codes read into inputs with `data-scan` on a phone: by the Weibo client, else from a photo where the browser can.
import { beside, weibo } from "./beside.js";
import { isRefusal } from "./press.js";

const put = (input, text) => {
  input.value = text.trim();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
};

// Nothing waits for the photo: older browsers do not tell that none was taken.
const photo = (input, say) => {
  const camera = document.createElement("input");
  Object.assign(camera, { type: "file", accept: "image/*", capture: "environment" });
  camera.addEventListener("cancel", () => say());
  camera.addEventListener("change", async () => {
    say("looking");
    try {
      const [code] = await new BarcodeDetector().detect(await createImageBitmap(camera.files[0]));
      put(input, code.rawValue);
      say();
    } catch {
      say("nothing");
    }
  });
  camera.click();
};

const offer = (input, client, photos) => beside(input, input.dataset.scan, async (_, say) => {
  if (!client) return photo(input, say);
  try {
    put(input, (await (await weibo).invoke("scanQRCode")).result);
  } catch (error) {
    if (isRefusal(error) || !photos) throw error;
    // A camera opens for a tap only, and this one was the client's.
    client = false;
    return "again";
  }
});

const scans = async () => weibo && (await (await weibo).available("scanQRCode")).length;
const photos = async () => document.body.dataset.route !== "desktop" && window.BarcodeDetector
  && (await BarcodeDetector.getSupportedFormats()).length;
Promise.all([scans, photos].map((it) => it().catch(() => 0))).then(([client, read]) => {
  if (!client && !read) return;
  for (const input of document.querySelectorAll("[data-scan]")) offer(input, client, read);
});
