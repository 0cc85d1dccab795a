// Pictures from the Weibo client's own camera and album, for inputs with `data-pick`.
import { beside, weibo } from "./beside.js";

const pick = async (input) => {
  const { base64 } = await (await weibo).invoke("pickImage");
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const chosen = new DataTransfer();
  if (input.multiple) for (const file of input.files) chosen.items.add(file);
  chosen.items.add(new File([bytes], `${chosen.files.length + 1}.jpg`, { type: "image/jpeg" }));
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

if (weibo) {
  weibo.then(({ available }) => available("pickImage")).then(([has]) => {
    if (has) for (const input of document.querySelectorAll("[data-pick]")) beside(input, input.dataset.pick, pick);
  }).catch(() => {});
}
