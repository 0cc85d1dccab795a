// The price and the name follow the chosen variant. Without this, each choice shows its own price.
const price = document.getElementById("price");
const due = document.getElementById("due");
const chosen = document.getElementById("chosen");
for (const radio of document.querySelectorAll("#buy input[type=radio][name=variant]")) {
  radio.addEventListener("change", () => {
    const { yuan, cents, name } = radio.dataset;
    const tag = price.querySelector(".price");
    tag.value = `${yuan}.${cents}`;
    tag.querySelector("b").textContent = yuan;
    tag.lastChild.textContent = `.${cents}`;
    if (due) due.textContent = `¥${yuan}.${cents}`;
    if (chosen) chosen.textContent = name;
  });
}
