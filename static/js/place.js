// Fills in province and city from where she is, after a tap: in the client by Weibo, elsewhere by the browser.
const weibo = document.body.dataset.route === "client" && import("./weibo.js");
const button = document.getElementById("locate");
const told = document.getElementById("told");
const { elements } = button.form;
const { geolocation } = navigator;
let busy = false;

export const say = (words) => { told.textContent = told.dataset[words] ?? ""; };

// What she has typed stays. Gives how many fields were filled.
export const fill = (found) => ["recipient", "phone", "province", "city", "district", "street"].filter((name) => {
  const field = elements[name];
  const text = found?.[name];
  if (typeof text !== "string" || !text.trim() || field.value.trim()) return false;
  field.value = text.trim();
  return true;
}).length;

const ask = async () => {
  try {
    return await (await weibo).invoke("getLocation", null, 15000);
  } catch (error) {
    if (/^55[03]$/.test(error.message)) throw error;
  }
  return new Promise((done, fail) => geolocation.getCurrentPosition(
    ({ coords }) => done({ lat: coords.latitude, long: coords.longitude }),
    ({ code }) => fail(Error(code === 1 ? 553 : 500)),
    { timeout: 15000 },
  ));
};

const locate = async () => {
  const { lat, long } = await ask();
  const answer = await fetch("/api/place", { method: "POST", body: new URLSearchParams({ lat, long }) });
  if (answer.status === 204) return "abroad";
  const found = await answer.json();
  const other = ["province", "city"].some((name) => ![found[name], ""].includes(elements[name].value.trim()));
  return answer.ok && !other && fill(found) ? "filled" : "kept";
};

button.hidden = !weibo && !(isSecureContext && geolocation);
button.addEventListener("click", async () => {
  if (busy) return;
  busy = true;
  say();
  say(await locate().catch(({ message }) => ({ 550: "", 553: "denied" })[message] ?? "lost"));
  busy = false;
});
