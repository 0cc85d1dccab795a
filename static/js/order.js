// A page that waits for a payment: counts down, and shows the truth as soon as it is known.
const main = document.querySelector("main[data-watch]");
const tag = main.dataset.tag ? `?t=${encodeURIComponent(main.dataset.tag)}` : "";
// Going to the cashier turns "none" into "pending": a reload then would stop her on her way.
const word = ({ payment, fulfilment, closure }) => `${payment === "none" ? "pending" : payment} ${fulfilment} ${closure}`;
const before = word(main.dataset);
const look = (state) => {
  if (word(state) !== before) location.reload();
};

let poll = 3000;
const ask = async () => {
  try {
    const answer = await fetch(`${main.dataset.watch}/state${tag}`, { credentials: "same-origin" });
    if (answer.ok) look(await answer.json());
  } catch {
    // No network: the next question may have one.
  }
};
const later = () => setTimeout(async () => { await ask(); poll = Math.min(poll * 1.3, 15000); later(); }, poll);

if (window.EventSource) {
  const line = new EventSource(`${main.dataset.watch}/events${tag}`);
  line.addEventListener("state", (event) => look(JSON.parse(event.data)));
  line.addEventListener("error", () => { if (line.readyState === EventSource.CLOSED) later(); });
} else {
  later();
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
// A page that the back button brings out of the cache may be old.
addEventListener("pageshow", (event) => { if (event.persisted) ask(); });

const left = document.getElementById("left");
if (left) {
  const end = performance.now() + 1000 * Number(left.dataset.left);
  const tick = () => {
    const seconds = Math.max(0, Math.round((end - performance.now()) / 1000));
    left.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds === 0) setTimeout(() => location.reload(), 5000); else setTimeout(tick, 1000);
  };
  tick();
}
