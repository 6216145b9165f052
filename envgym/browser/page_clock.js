// Time and chance of a page, in its own world, before any script of it: timers, animation frames, Date and performance.now follow a
// clock that stands still until it is moved, and Math.random and crypto draw from a seed. So a page does the same in every run, and a
// second of animation costs milliseconds. CSS animations are not covered; contexts ask for reduced motion.
(({event, start, seed, virtual}) => {
  if (Object.hasOwn(window, 'envgymSeeded')) return; // the same window is given to scripts again when a new tab goes to its first page
  Object.defineProperty(window, 'envgymSeeded', {value: true});
  function generator(state) { // mulberry32
    return () => {
      state = state + 0x6d2b79f5 | 0;
      let mixed = Math.imul(state ^ state >>> 15, 1 | state);
      mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
      return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
    };
  }
  let draw = generator(seed);
  Math.random = () => draw();
  if (window.crypto) {
    crypto.getRandomValues = array => {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let index = 0; index < bytes.length; index++) bytes[index] = draw() * 256;
      return array;
    };
    crypto.randomUUID = () => '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, digit => (digit ^ draw() * 16 >> digit / 4).toString(16));
  }
  if (!virtual) return;

  const RealDate = Date;
  const clock = outer() || made();
  function outer() {
    try { return window.top !== window && window.top.envgymClock || null; } catch { return null; }
  }
  window.setTimeout = (run, delay, ...args) => clock.add(run, delay, 0, args);
  window.setInterval = (run, delay, ...args) => clock.add(run, delay, Math.max(1, Number(delay) || 0), args);
  window.requestAnimationFrame = run => clock.add(() => run(clock.now()), 16 - clock.now() % 16, 0, []);
  window.requestIdleCallback = run => clock.add(() => run({didTimeout: false, timeRemaining: () => 50}), 1, 0, []);
  window.clearTimeout = window.clearInterval = window.cancelAnimationFrame = window.cancelIdleCallback = id => clock.remove(id);
  performance.now = () => clock.now();
  const PageDate = class Date extends RealDate {
    constructor(...args) { if (args.length) super(...args); else super(start + clock.now()); }
    static now() { return start + clock.now(); }
  };
  window.Date = new Proxy(PageDate, {apply: () => new PageDate().toString()});
  PageDate.prototype.constructor = window.Date;
  if (window !== window.top && clock === outer()) return;
  Object.defineProperty(window, 'envgymClock', {value: clock});
  document.addEventListener(event, asked => {
    if (Number(asked.detail) >= 0) clock.advance(Number(asked.detail));
    document.dispatchEvent(new CustomEvent(event + ':next', {detail: String(clock.next())}));
  });

  function made() {
    let now = 0, count = 0, timers = new Map();
    return {
      now: () => now,
      add(run, delay, every, args) {
        const callback = typeof run === 'function' ? run : new Function(String(run));
        timers.set(++count, {at: now + Math.max(every ? 1 : 0, Number(delay) || 0), every, callback, args});
        return count;
      },
      remove(id) { timers.delete(Number(id)); },
      // Milliseconds to the next timer, -1 where there is none.
      next() {
        let first = Infinity;
        for (const timer of timers.values()) first = Math.min(first, timer.at);
        return first === Infinity ? -1 : Math.max(0, first - now);
      },
      advance(ms) {
        const until = now + ms;
        for (;;) {
          let due = null, id = 0;
          for (const [number, timer] of timers) if (timer.at <= until && (!due || timer.at < due.at)) [due, id] = [timer, number];
          if (!due) break;
          now = Math.max(now, due.at);
          if (due.every) due.at = now + due.every; else timers.delete(id);
          try { due.callback(...due.args); } catch (error) { reportError(error); }
        }
        now = until;
      },
      // Back to the start of time, with another seed and without a timer.
      restart(newSeed) { now = 0; count = 0; timers = new Map(); draw = generator(newSeed); },
    };
  }
})
