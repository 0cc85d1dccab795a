// A button that takes a while: one tap at a time, its focus kept, and what comes of it said beside it.
export const within = (ms, work) => Promise.race([work, new Promise((_, fail) => {
  if (ms) setTimeout(fail, ms, Error("absent"));
})]);

// She closed it, or may not: another tap may do.
export const isRefusal = ({ message }) => /^55[03]$/.test(message);

// `act` gives the word for what is said, from `words`; a code that no second tap mends turns the button off.
export const press = (button, told, act, words = told.dataset) => {
  const say = (word) => { told.textContent = words[word] ?? ""; };
  let off = false;
  const turn = (busy) => {
    button.setAttribute("aria-busy", busy);
    button.setAttribute("aria-disabled", off);
  };
  button.addEventListener("click", async () => {
    if (off) return;
    off = true;
    turn(true);
    say("looking");
    const free = () => {
      off = false;
      say();
      turn(false);
    };
    // A client may never answer.
    const late = setTimeout(free, 30000);
    try {
      const word = await act(say);
      free();
      say(word);
    } catch (error) {
      off = !isRefusal(error);
      say({ 550: "", 553: "denied" }[error.message] ?? "unable");
      turn(false);
    }
    clearTimeout(late);
  });
};
