// An address or a contact that the Weibo client knows: a button for each, where the client offers it.
import { press } from "./press.js";
import { available, invoke } from "./weibo.js";
import { fill, told } from "./place.js";

const buttons = [...document.querySelectorAll("[data-book]")];
const take = async (action) => {
  try {
    const answer = await invoke(action);
    // What an address is made of is not published: what is named like our fields is taken.
    return fill(answer.contacts?.[0] ?? answer);
  } catch (error) {
    // Without an address in her book the client answers as if she had closed it.
    if (error.message === "550" && action !== "pickContact") return "nothing";
    throw error;
  }
};

available(...buttons.map((it) => it.dataset.book)).then((has) => buttons.forEach((it) => {
  const { book } = it.dataset;
  it.hidden = !has.includes(book);
  press(it, told, () => take(book));
}));
