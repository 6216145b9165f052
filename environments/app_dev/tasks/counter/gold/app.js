const LOWEST = 0;
const kept = JSON.parse(localStorage.getItem('counter') || '{"count": 0, "history": []}');
const by = (id) => document.getElementById(id);

function draw() {
  localStorage.setItem('counter', JSON.stringify(kept));
  document.querySelector('[role=status]').textContent = `Count: ${kept.count}`;
  by('less').disabled = kept.count === LOWEST;
  by('history').replaceChildren(...kept.history.slice(-5).map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  }));
}

function change(amount) {
  const before = kept.count;
  kept.count = Math.max(LOWEST, kept.count + amount);
  kept.history.push(`${before} to ${kept.count}`);
  draw();
}

const step = () => Math.max(1, Math.round(Number(by('step').value)) || 1);
by('more').onclick = () => change(step());
by('less').onclick = () => change(-step());
by('reset').onclick = () => { kept.count = LOWEST; kept.history = []; draw(); };
draw();
