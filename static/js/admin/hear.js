// How much of a text is left, as it is typed. Without it the answer to saving tells.

const answer = document.querySelector('#rule-answer');
const areas = [...document.querySelectorAll('textarea[data-most]')];

const count = (area, told) => {
  const most = Number(['orders', 'coupon'].includes(answer.value) ? area.dataset.mostOrders : area.dataset.most);
  const length = [...area.value.trim()].length;
  told.textContent = `${length} / ${most}`;
  told.classList.toggle('over', length > most);
};

for (const area of areas) {
  const told = document.createElement('span');
  told.className = 'count';
  area.after(told);
  const again = () => count(area, told);
  area.addEventListener('input', again);
  answer.addEventListener('change', again);
  again();
}
