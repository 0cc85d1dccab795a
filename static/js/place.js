// Fills in province and city from where she is, after a tap: in the client by Weibo, elsewhere by the browser.
import { press, within } from "./press.js";

const weibo = document.body.dataset.route === "client" && import("./weibo.js");
const button = document.getElementById("locate");
export const told = document.getElementById("told");
const { elements } = button.form;
const { geolocation } = navigator;
const groups = [["recipient", "phone"], ["province", "city", "district", "street"]];

// What she has typed stays, and nothing is made of two addresses: where anything else stands in a group, nothing of
// it is taken. Gives the word for what happened.
export const fill = (found) => {
  const text = (name) => (typeof found?.[name] === "string" ? found[name].trim() : "");
  const typed = (name) => elements[name].value.trim();
  const done = groups.filter((group) => group.some(text)).map((group) => {
    if (group.some((name) => typed(name) && typed(name) !== text(name))) return "kept";
    const empty = group.filter((name) => text(name) && !typed(name));
    for (const name of empty) elements[name].value = text(name);
    return empty.length ? "filled" : "same";
  });
  if (!done.length) return "nothing";
  return !done.includes("kept") && done.includes("filled") ? "filled" : "kept";
};

const ask = async () => {
  try {
    return await (await weibo).invoke("getLocation", null, 15000);
  } catch (error) {
    if (error.message === "553") throw error;
  }
  // A question of the browser's that nobody answers has no end of its own.
  return within(20000, new Promise((done, fail) => geolocation.getCurrentPosition(
    ({ coords }) => done({ lat: coords.latitude, long: coords.longitude }),
    ({ code }) => fail(Error(code === 1 ? 553 : 500)),
    { timeout: 15000 },
  )));
};

const locate = async () => {
  const { lat, long } = await ask();
  const body = new URLSearchParams({ lat, long });
  const answer = await within(10000, fetch("/api/place", { method: "POST", body }));
  if (!answer.ok) return "lost";
  return answer.status === 204 ? "abroad" : fill(await answer.json());
};

button.hidden = !weibo && !(isSecureContext && geolocation);
press(button, told, () => locate().catch(({ message }) => (message === "553" ? "denied" : "lost")));
// Asked for again, and caught, at each tap.
if (weibo) weibo.catch(() => {});
