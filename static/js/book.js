// An address or a contact that the Weibo client knows: a button for each, where the client offers it.
import { available, invoke } from "./weibo.js";
import { fill, say } from "./place.js";

const buttons = [...document.querySelectorAll("[data-book]")];
const take = async (action) => {
  const answer = await invoke(action);
  // What an address is made of is not published: what is named like our fields is taken.
  return fill(answer.contacts?.[0] ?? answer) ? "filled" : "nothing";
};

available(...buttons.map((it) => it.dataset.book)).then((has) => buttons.forEach((it) => {
  const { book } = it.dataset;
  it.hidden = !has.includes(book);
  it.addEventListener("click", async () => {
    say();
    say(await take(book).catch(({ message }) => {
      it.hidden = !/^55/.test(message);
      return { 550: "", 553: "denied" }[message] ?? "nothing";
    }));
  });
}));
