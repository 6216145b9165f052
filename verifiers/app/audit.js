// Looks at the page that is loaded and returns what a person would see to be broken: [{rule, severity, what, detail}].
// Nothing is changed. Rules are geometric: no picture is taken and no model is asked.
() => {
  const LIMIT = 40;
  const found = [];
  const width = document.documentElement.clientWidth;
  const say = (rule, severity, element, detail) => {
    if (found.length < LIMIT) found.push({rule, severity, what: told(element), detail});
  };
  const told = (element) => {
    const text = (element.innerText || element.value || element.getAttribute('aria-label') || element.alt || '').trim();
    const words = text.replace(/\s+/g, ' ').slice(0, 40);
    return element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') + (words ? ` "${words}"` : '');
  };
  const shown = (element) => {
    if (!element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  // Text of which nothing is to be seen on purpose: labels for screen readers, clipped to a pixel.
  const hiddenByDesign = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      if ((box.width <= 2 && box.height <= 2) || style.clipPath === 'inset(50%)' || /rect\((0|1)px/.test(style.clip)) return true;
      if (at.getAttribute('aria-hidden') === 'true') return true;
    }
    return false;
  };
  const scrolls = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (/(auto|scroll)/.test(style.overflowX + style.overflowY)) return true;
    }
    return false;
  };
  const ownText = (element) => {
    for (const child of element.childNodes) if (child.nodeType === 3 && child.data.trim()) return true;
    return false;
  };

  const all = [...document.body.querySelectorAll('*')].slice(0, 5000).filter((element) => shown(element) && !hiddenByDesign(element));
  const words = all.filter(ownText);
  const controls = all.filter((element) => element.matches('button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=tab]'));

  if (document.documentElement.scrollWidth > width + 1) {
    const wide = all.find((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element));
    say('overflow', 'major', wide || document.body, `the page is ${document.documentElement.scrollWidth} px wide in a window of ${width} px`);
  }

  for (const element of controls) {
    const box = element.getBoundingClientRect();
    const left = box.left + scrollX;
    const top = box.top + scrollY;
    if ((left + box.width <= 0 || top + box.height <= 0 || left >= Math.max(width, document.documentElement.scrollWidth)) && !scrolls(element))
      say('off_screen', 'major', element, `stands at ${Math.round(left)}, ${Math.round(top)}, where nobody can scroll to`);
  }

  for (const element of words) {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    if (size < 9) say('tiny_text', size < 7 ? 'major' : 'minor', element, `letters of ${size} px`);
    if (style.textOverflow !== 'ellipsis' && !element.matches('input, textarea, select')) {
      const hides = (direction) => /(hidden|clip)/.test(direction);
      const cutX = hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      const cutY = hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2 && element.clientHeight > 0;
      if (cutX || cutY) say('clipped', 'major', element, `needs ${element.scrollWidth} x ${element.scrollHeight} px and has ${element.clientWidth} x ${element.clientHeight}`);
    }
  }

  for (const image of document.images) {
    if (shown(image) && image.complete && image.naturalWidth === 0) say('broken_image', 'major', image, `${image.getAttribute('src') || 'no address'} could not be shown`);
  }

  // What can be pressed or read must not lie under something else of its kind.
  const solid = [...new Set([...controls, ...words.filter((element) => !element.closest('svg'))])].filter((element) => {
    const style = getComputedStyle(element);
    return style.display !== 'inline' || element.matches('input, select, button, textarea') || element.getClientRects().length === 1;
  }).slice(0, 400);
  const boxes = solid.map((element) => element.getBoundingClientRect());
  for (let i = 0; i < solid.length; i++) {
    for (let j = i + 1; j < solid.length; j++) {
      const a = boxes[i], b = boxes[j];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across <= 2 || down <= 2) continue;
      if (solid[i].contains(solid[j]) || solid[j].contains(solid[i])) continue;
      if (solid[i].closest('label')?.contains(solid[j]) || solid[j].closest('label')?.contains(solid[i])) continue;
      if (scrolls(solid[i]) || scrolls(solid[j])) continue;
      const share = (across * down) / Math.min(a.width * a.height, b.width * b.height);
      if (share > 0.25 && !layered(solid[i], solid[j])) say('overlap', share > 0.5 ? 'major' : 'minor', solid[i], `${Math.round(100 * share)} % lies over ${told(solid[j])}`);
    }
  }
  // A dialog or a sticky bar lies over the page on purpose; so does whatever a page puts on a layer of its own with a background.
  function layered(a, b) {
    const layer = (element) => {
      for (let at = element; at && at !== document.body; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (at.matches('dialog, [role=dialog]') || style.position === 'fixed' || style.position === 'sticky') return at;
      }
      return null;
    };
    return layer(a) !== layer(b);
  }

  // Contrast after WCAG 2.2, 1.4.3: relative luminance of the text against the first opaque background behind it.
  const channels = (colour) => {
    const parts = colour.match(/[\d.]+/g);
    return parts ? parts.map(Number) : null;
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const over = (top, below) => {
    const alpha = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map((k) => top[k] * alpha + below[k] * (1 - alpha));
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none') return null; // a picture or gradient: cannot be told without looking
      const colour = channels(style.backgroundColor);
      if (!colour || !style.backgroundColor.startsWith('rgb')) continue;
      layers.push(colour);
      if (colour.length < 4 || colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  for (const element of words) {
    if (element.matches(':disabled, :disabled *') || element.closest('svg')) continue;
    const style = getComputedStyle(element);
    const background = behind(element);
    const colour = channels(style.color);
    if (!background || !colour || !style.color.startsWith('rgb')) continue;
    const [light, dark] = [luminance(over(colour, background)), luminance(background)].sort((x, y) => y - x);
    const ratio = (light + 0.05) / (dark + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const wanted = large ? 3 : 4.5;
    if (ratio < wanted) say('contrast', ratio < wanted / 1.5 ? 'major' : 'minor', element, `contrast ${ratio.toFixed(2)} to 1, ${wanted} is readable`);
  }
  return found;
}
