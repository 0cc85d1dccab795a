// A button beside an input, and what is said of it. Its words stand at the input, which does as well without it.
import { press } from "./press.js";

export const weibo = document.body.dataset.route === "client" && import("./weibo.js");

export const beside = (input, words, act) => {
  const [button, told] = ["button", "p"].map((name) => document.createElement(name));
  button.type = "button";
  button.className = "button quiet beside";
  button.textContent = words;
  told.className = "hint";
  told.setAttribute("role", "status");
  press(button, told, (say) => act(input, say), input.dataset);
  input.after(button, told);
};
