// A button beside an input, and what is said when it fails. Its words stand at the input.
export const weibo = document.body.dataset.route === "client" && import("./weibo.js");
export const isRefusal = ({ message }) => /^55[03]$/.test(message);

export const beside = (input, words, act) => {
  const [button, told] = ["button", "p"].map((name) => document.createElement(name));
  button.type = "button";
  button.className = "button quiet beside";
  button.textContent = words;
  told.className = "hint";
  told.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    told.textContent = "";
    try {
      await act(input);
    } catch (error) {
      told.textContent = input.dataset[error.message == 553 ? "denied" : error.message] ?? "";
      if (told.textContent || isRefusal(error)) return;
      // Nothing that she can mend: the input itself is there.
      button.remove();
      input.focus();
    }
  });
  input.after(button, told);
};
