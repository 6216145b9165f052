// The page as an accessibility tree, and where its elements are. Runs in an isolated world of its own: it shares the document with the
// page and nothing else, so no script of the page can change what it says, and no mark is left in the page. `text_backend` follows the
// same rules over HTML without layout.
//
// 1. Left out: what is not rendered, text of size 0, aria-hidden, script, style, template; what a closed <details> holds; the text of a label whose
//    control is shown, as it is the control's name.
// 2. An element without a role and without a ref is no node: its children stand in its place. Runs of text join across inline elements,
//    and end at a block or <br>.
// 3. Refs: whatever has an interactive role (but options of a <select>), or tabindex, onclick, contenteditable, draggable, or a pointer as its
//    cursor that its parent has not; canvas and SVG shapes. With `all`, every element that holds text itself or nothing; the latter are
//    named by their class and colour, in brackets.
// 4. Names, the first that there is: aria-labelledby, aria-label, the label, alt, the value of a button, legend or caption, content (roles of
//    BY_CONTENT), placeholder, title.
// 5. A node that is named by its content keeps below it only what has a ref or a role. A cell or list item is named by its content where
//    it holds text alone.
globalThis.envgymPage ??= (() => {
  const MOST_NODES = 20000, MOST_TEXT = 2000, MOST_OPTIONS = 200;
  const GONE = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT', 'HEAD', 'META', 'LINK', 'TITLE', 'SOURCE', 'TRACK', 'COL', 'COLGROUP', 'DATALIST', 'DEFS']);
  const INTERACTIVE = new Set(['button', 'checkbox', 'combobox', 'link', 'listbox', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option',
    'radio', 'searchbox', 'slider', 'spinbutton', 'switch', 'tab', 'textbox', 'treeitem']);
  const BY_CONTENT = new Set(['button', 'checkbox', 'heading', 'link', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option', 'radio', 'switch',
    'tab', 'tooltip', 'treeitem']);
  const TEXT_ALONE = new Set(['cell', 'columnheader', 'rowheader', 'gridcell', 'listitem']);
  const LANDMARKS = {NAV: 'navigation', MAIN: 'main', ASIDE: 'complementary', ARTICLE: 'article', DIALOG: 'dialog', SEARCH: 'search'};
  const TAGS = {BUTTON: 'button', TEXTAREA: 'textbox', OPTION: 'option', IMG: 'img', UL: 'list', OL: 'list', MENU: 'list', LI: 'listitem',
    TABLE: 'table', TR: 'row', TD: 'cell', SUMMARY: 'button', PROGRESS: 'progressbar', METER: 'meter', OPTGROUP: 'group', IFRAME: 'iframe',
    OUTPUT: 'status', ...LANDMARKS};
  const INPUTS = {button: 'button', submit: 'button', reset: 'button', image: 'button', file: 'button', checkbox: 'checkbox', radio: 'radio',
    range: 'slider', number: 'spinbutton', search: 'searchbox'};
  const SHAPES = new Set(['circle', 'ellipse', 'rect', 'line', 'polygon', 'polyline', 'path', 'text']);
  const NO_ROLE = new Set(['', 'none', 'presentation', 'generic']);
  const FIELDS = new Set(['textbox', 'searchbox', 'spinbutton', 'slider']);

  let refs = new WeakMap(), elements = new Map(), count = 0, mutations = 0, shown = 0, every = false;
  const observed = new WeakSet();

  const flat = text => (text || '').replace(/\s+/g, ' ').trim();
  const short = text => text.length > MOST_TEXT ? text.slice(0, MOST_TEXT) + '…' : text;
  const windowOf = element => element.ownerDocument.defaultView;
  const styleOf = element => windowOf(element).getComputedStyle(element);
  const attribute = (element, name) => element.getAttribute(name) || '';

  function watch(root) {
    if (!root || observed.has(root)) return;
    observed.add(root);
    new MutationObserver(records => { mutations += records.length; })
      .observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
  }

  function refOf(element) {
    let ref = refs.get(element);
    if (!ref) {
      refs.set(element, ref = 'e' + ++count);
      elements.set(ref, new WeakRef(element));
    }
    return ref;
  }

  // null: nobody has ever seen such a ref. undefined: the element is gone.
  function elementOf(ref) {
    const kept = elements.get(ref);
    if (!kept) return null;
    const element = kept.deref();
    return element && element.isConnected ? element : undefined;
  }

  const PARTS = new Set(['ARTICLE', 'ASIDE', 'MAIN', 'NAV', 'SECTION']);
  function insidePart(element) {
    for (let parent = element.parentElement; parent; parent = parent.parentElement) if (PARTS.has(parent.tagName)) return true;
    return false;
  }

  function roleOf(element) {
    const given = attribute(element, 'role').split(/\s+/)[0].toLowerCase();
    if (given) return NO_ROLE.has(given) ? '' : given;
    const tag = element.tagName.toUpperCase();
    if (tag === 'INPUT') return INPUTS[element.type] || 'textbox';
    if (tag === 'A' || tag === 'AREA') return element.hasAttribute('href') ? 'link' : '';
    if (tag === 'SELECT') return element.multiple || element.size > 1 ? 'listbox' : 'combobox';
    if (/^H[1-6]$/.test(tag)) return 'heading';
    if (tag === 'TH') return element.scope === 'row' || element.scope === 'rowgroup' ? 'rowheader' : 'columnheader';
    if (tag === 'HEADER' || tag === 'FOOTER') return insidePart(element) ? '' : tag === 'HEADER' ? 'banner' : 'contentinfo';
    if (tag === 'SECTION' || tag === 'FORM') return labelled(element) ? tag === 'FORM' ? 'form' : 'region' : '';
    if (tag === 'FIELDSET' || tag === 'DETAILS') return 'group';
    if (tag === 'IMG' && element.getAttribute('alt') === '') return '';
    if (tag === 'CANVAS') return 'img';
    if (SHAPES.has(element.tagName) && element.namespaceURI.endsWith('svg')) return element.tagName === 'text' ? '' : 'img';
    if (element.isContentEditable && !element.parentElement?.isContentEditable) return 'textbox';
    return TAGS[tag] || '';
  }

  const labelled = element => flat(attribute(element, 'aria-label')) || flat(attribute(element, 'aria-labelledby')) || flat(attribute(element, 'title'));

  // The text of an element and of all below it, with names in place of pictures and of what has a label of its own.
  function contentOf(node, depth = 0) {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType !== 1 || depth > 40 || GONE.has(node.tagName.toUpperCase())) return '';
    if (depth && (node.getAttribute('aria-hidden') === 'true' || !visible(node))) return '';
    const label = depth ? flat(attribute(node, 'aria-label')) : '';
    if (label) return ` ${label} `;
    if (node.tagName === 'IMG') return ` ${attribute(node, 'alt')} `;
    if (depth && /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName)) return '';
    const text = Array.from(childrenOf(node), child => contentOf(child, depth + 1)).join('');
    return inline(node) ? text : ` ${text} `;
  }

  function nameOf(element, role) {
    const by = attribute(element, 'aria-labelledby').split(/\s+/).filter(Boolean);
    const named = flat(by.map(id => contentOf(element.getRootNode().getElementById?.(id) || document.createTextNode(''))).join(' '));
    if (named) return named;
    const own = flat(attribute(element, 'aria-label'));
    if (own) return own;
    const tag = element.tagName.toUpperCase();
    if (element.labels?.length && tag !== 'BUTTON') {
      const text = flat(Array.from(element.labels, label => contentOf(label)).join(' '));
      if (text) return text;
    }
    if (element.hasAttribute('alt')) return flat(element.alt || attribute(element, 'alt'));
    if (tag === 'INPUT' && role === 'button') {
      const text = {submit: 'Submit', reset: 'Reset', file: 'Choose File'}[element.type];
      return flat(element.type === 'file' ? '' : element.value) || text || flat(element.title);
    }
    if (tag === 'OPTION') return flat(element.label);
    if (tag === 'OPTGROUP') return flat(element.label);
    const head = {FIELDSET: 'LEGEND', TABLE: 'CAPTION'}[tag];
    const first = head && Array.from(element.children).find(child => child.tagName === head);
    if (first) return flat(contentOf(first));
    if (BY_CONTENT.has(role)) {
      const text = flat(contentOf(element));
      if (text) return text;
    }
    if (SHAPES.has(element.tagName) || element.tagName === 'svg') {
      const title = Array.from(element.children).find(child => child.tagName === 'title');
      return title ? flat(title.textContent) : role === 'img' && element.tagName !== 'svg' ? shapeName(element) : '';
    }
    if (tag === 'CANVAS') return flat(element.title) || 'canvas';
    return flat(element.placeholder) || flat(attribute(element, 'title'));
  }

  const shapeName = element => `${colourOf(element)} ${element.tagName}`.trim();
  const colourOf = element => { const fill = attribute(element, 'fill') || styleOf(element).fill; return fill === 'none' || /url|rgba\(0, 0, 0, 0\)/.test(fill) ? '' : fill; };

  function visible(element) {
    if (element.tagName === 'OPTION' || element.tagName === 'OPTGROUP') return !element.hidden;
    return element.checkVisibility ? element.checkVisibility({visibilityProperty: false}) : element.getClientRects().length > 0;
  }
  const inline = element => /^(inline|contents)/.test(styleOf(element).display);
  const seen = element => styleOf(element).visibility === 'visible';

  function* childrenOf(element) {
    if (element.tagName === 'IFRAME') {
      let inner = null;
      try { inner = element.contentDocument; } catch { inner = null; }
      if (inner?.body) { watch(inner); yield inner.body; }
      return;
    }
    if (element.shadowRoot) watch(element.shadowRoot);
    const nodes = element.tagName === 'SLOT' && element.assignedNodes().length ? element.assignedNodes() : (element.shadowRoot || element).childNodes;
    yield* nodes;
  }

  function statesOf(element, role) {
    const aria = name => attribute(element, 'aria-' + name), states = [];
    if (role === 'heading') states.push('level=' + (aria('level') || (/^H[1-6]$/.test(element.tagName) ? element.tagName[1] : '2')));
    const ticks = /^(checkbox|radio|switch|menuitemcheckbox|menuitemradio)$/.test(role);
    if (ticks && element.indeterminate || aria('checked') === 'mixed') states.push('checked=mixed');
    else if (ticks && (element.checked ?? aria('checked') === 'true')) states.push('checked');
    if (element.tagName === 'OPTION' ? element.selected : aria('selected') === 'true') states.push('selected');
    if (aria('pressed') === 'true') states.push('pressed');
    const open = element.tagName === 'SUMMARY' ? String(!!element.parentElement?.open) : aria('expanded');
    if (open === 'true') states.push('expanded'); else if (open === 'false') states.push('collapsed');
    if (element.matches?.(':disabled') || aria('disabled') === 'true') states.push('disabled');
    if (element.required || aria('required') === 'true') states.push('required');
    if (element.readOnly || aria('readonly') === 'true') states.push('readonly');
    if (aria('invalid') === 'true') states.push('invalid');
    if (element.tagName === 'TEXTAREA' || aria('multiline') === 'true') states.push('multiline');
    if (element === focusedElement()) states.push('focused');
    return states;
  }

  function valueOf(element, role) {
    if (element.tagName === 'SELECT') return Array.from(element.selectedOptions, option => flat(option.label)).join(', ');
    if (element.type === 'password') return '•'.repeat(element.value.length);
    if (FIELDS.has(role)) return element.value !== undefined ? String(element.value) : attribute(element, 'aria-valuenow') || (element.isContentEditable ? element.innerText : '');
    if (element.tagName === 'PROGRESS' || element.tagName === 'METER') return element.hasAttribute('value') ? String(element.value) : '';
    if (role === 'combobox' && element.value !== undefined) return String(element.value);
    if (element.type === 'file') return Array.from(element.files, file => file.name).join(', ');
    return '';
  }

  function linkOf(element) {
    const raw = attribute(element, 'href').trim();
    if (/^(#|javascript:)/i.test(raw) || !element.href) return raw.startsWith('#') ? raw : '';
    try {
      const url = new URL(element.href.baseVal ?? element.href, element.ownerDocument.baseURI);
      return url.origin === location.origin && url.origin !== 'null' ? url.pathname + url.search + url.hash : url.href;
    } catch { return raw; }
  }

  function actable(element, role, style) {
    if (element.tagName === 'OPTION') return false;
    if (INTERACTIVE.has(role) || element.isContentEditable && role === 'textbox') return true;
    if (element.tabIndex >= 0 && element.hasAttribute('tabindex') || element.hasAttribute('onclick') || element.draggable && !/^(A|IMG)$/.test(element.tagName)) return true;
    if (element.tagName === 'CANVAS' || SHAPES.has(element.tagName) && element.namespaceURI.endsWith('svg')) return true;
    if (every && role !== 'iframe' && !controlOf(element) && saysAlone(element)) return true;
    return style.cursor === 'pointer' && element.tagName !== 'LABEL' && element.parentElement && styleOf(element.parentElement).cursor !== 'pointer' && element.tagName !== 'BODY';
  }

  // Whether it holds text itself, or nothing, and has a size.
  function saysAlone(element) {
    const rect = element.getBoundingClientRect();
    if (!rect.width || !rect.height || /^(BR|HR)$/.test(element.tagName)) return false;
    return element.childElementCount === 0 || Array.from(element.childNodes).some(child => child.nodeType === 3 && child.data.trim());
  }

  function boxOf(element, dx, dy) {
    const rect = element.getBoundingClientRect();
    return [rect.x + dx, rect.y + dy, rect.width, rect.height].map(side => Math.round(side * 10) / 10);
  }

  const controlOf = label => label.tagName === 'LABEL' && label.control && label.control.type !== 'hidden' && visible(label.control) && styleOf(label.control).opacity !== '0' ? label.control : null;

  // What its author called an element that says nothing itself, such as (star).
  function markOf(element) {
    const colour = styleOf(element).backgroundColor;
    const mark = flat(`${attribute(element, 'class') || element.id} ${/^rgba\(|rgb\(255, 255, 255\)/.test(colour) ? '' : colour}`);
    return mark && `(${mark})`;
  }

  // Adds what `node` shows to `into`: nodes are [role, name, ref, value, states, box, url, children].
  function walk(node, into, dx, dy, quiet) {
    if (node.nodeType === 3) {
      if (!quiet && (!node.parentElement || styleOf(node.parentElement).fontSize !== '0px')) addText(into, node.data);
      return;
    }
    if (node.nodeType !== 1 || shown >= MOST_NODES) return;
    const tag = node.tagName.toUpperCase();
    if (tag === 'BR') { into.cut = true; return; }
    if (GONE.has(tag) || node.getAttribute('aria-hidden') === 'true' || tag === 'INPUT' && node.type === 'hidden') return;
    if (!visible(node)) return;
    const style = styleOf(node), shownHere = style.visibility === 'visible';
    const role = roleOf(node), block = !/^(inline|contents)/.test(style.display);
    const ref = shownHere && actable(node, role, style) ? refOf(node) : '';
    if (block) into.cut = true;
    if (!shownHere || !ref && !role) {
      const control = controlOf(node);
      for (const child of childrenOf(node)) walk(child, into, dx, dy, quiet || !shownHere || !!control);
    } else {
      into.push(nodeOf(node, role || 'generic', ref, dx, dy));
      into.cut = true;
    }
    if (block) into.cut = true;
  }

  function addText(into, data) {
    const text = data.replace(/\s+/g, ' ');
    if (!text.trim()) {
      if (text) into.space = true;
      return;
    }
    const last = into[into.length - 1];
    if (last && last[0] === 'text' && !into.cut) last[1] = short(last[1] + (into.space ? ' ' : '') + text).replace(/ +/g, ' ');
    else { into.push(['text', short(text), '', '', [], null, '', []]); shown++; }
    into.cut = into.space = false;
  }

  function nodeOf(element, role, ref, dx, dy) {
    shown++;
    const children = [], select = element.tagName === 'SELECT', field = FIELDS.has(role) && !element.childElementCount || select;
    const frame = element.tagName === 'IFRAME';
    const inner = frame ? element.getBoundingClientRect() : {x: 0, y: 0};
    if (select) Array.from(element.options).slice(0, MOST_OPTIONS).forEach(option => children.push(nodeOf(option, 'option', '', dx, dy)));
    else if (!field) for (const child of childrenOf(element)) {
      if (role === 'group' && child.tagName === 'LEGEND' || role === 'table' && child.tagName === 'CAPTION') continue;
      walk(child, children, dx + inner.x + (frame ? element.clientLeft : 0), dy + inner.y + (frame ? element.clientTop : 0), false);
    }
    for (const child of children) if (child[0] === 'text') child[1] = child[1].trim();
    let name = short(nameOf(element, role)), kept = children;
    const texts = children.filter(child => child[0] === 'text');
    if (BY_CONTENT.has(role)) kept = children.filter(child => child[0] !== 'text' && !(every && child[0] === 'generic'));
    else if ((TEXT_ALONE.has(role) || role === 'generic') && texts.length === children.length && !name) {
      name = texts.map(child => child[1]).join(' ') || every && markOf(element) || '';
      kept = [];
    }
    const box = element.tagName === 'OPTION' ? null : boxOf(element, dx, dy);
    return [role, name, ref, short(valueOf(element, role)), statesOf(element, role), box, role === 'link' ? linkOf(element) : '', kept];
  }

  function focusedElement() {
    let active = document.activeElement;
    for (;;) {
      let inner = active?.shadowRoot?.activeElement;
      if (active?.tagName === 'IFRAME') try { inner = active.contentDocument?.activeElement; } catch { inner = null; }
      if (!inner) return active === document.body || active?.tagName === 'BODY' ? null : active;
      active = inner;
    }
  }

  // `from` is the last number that any page of the episode has given: no ref means two things in it.
  function look(all, from) {
    every = all;
    count = Math.max(count, from);
    shown = 0;
    watch(document);
    const children = [];
    if (document.body) walk(document.body, children, 0, 0, false);
    else if (document.documentElement) walk(document.documentElement, children, 0, 0, false);
    for (const child of children) if (child[0] === 'text') child[1] = child[1].trim();
    if (shown >= MOST_NODES) children.push(['text', `(this page is too large: only its first ${MOST_NODES} elements are shown)`, '', '', [], null, '', []]);
    const focused = focusedElement();
    return [location.href, document.title, focused && refs.get(focused) || '', children, count, takeRefused()];
  }

  // ---- where to act

  const parentOf = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  function within(node, outer) {
    for (; node; node = parentOf(node)) if (node === outer) return true;
    return false;
  }

  // The point of the top document's viewport at which [x, y] of the element's own document lies.
  function outward(element, x, y) {
    for (let view = windowOf(element); view !== window && view.frameElement; view = view.parent) {
      const frame = view.frameElement, rect = frame.getBoundingClientRect();
      x += rect.x + frame.clientLeft;
      y += rect.y + frame.clientTop;
    }
    return [x, y];
  }

  function hitAt(root, x, y) {
    let hit = root.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  }

  const describe = element => { const role = roleOf(element) || element.tagName.toLowerCase(); const name = nameOf(element, role); return name ? `${role} "${name.slice(0, 60)}"` : role; };

  function need(ref) {
    const element = elementOf(ref);
    if (element === null) throw new Error(`there is no element ${ref} on this page; refs are those of the last observation`);
    if (!element) throw new Error(`${ref} is no longer on the page; observe it again`);
    if (!visible(element)) throw new Error(`${ref} is not visible`);
    return element;
  }

  function usable(ref) {
    const element = need(ref);
    if (element.matches(':disabled') || element.getAttribute('aria-disabled') === 'true') throw new Error(`${ref} is disabled`);
    return element;
  }

  // Where to press: a point of the element that nothing covers.
  function point(ref, enabled) {
    const element = enabled ? usable(ref) : need(ref);
    const view = windowOf(element);
    let rects = Array.from(element.getClientRects()).filter(rect => rect.width > 0 && rect.height > 0);
    if (!rects.length) throw new Error(`${ref} has no size on the page`);
    const outside = rect => rect.x + rect.width / 2 < 0 || rect.y + rect.height / 2 < 0 || rect.x + rect.width / 2 > view.innerWidth || rect.y + rect.height / 2 > view.innerHeight;
    let covering = null;
    for (const scroll of [false, true]) {
      if (scroll || outside(rects[0])) {
        element.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
        rects = Array.from(element.getClientRects()).filter(rect => rect.width > 0 && rect.height > 0);
      }
      for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75], [0.5, 0.1], [0.5, 0.9]]) for (const rect of rects.slice(0, 4)) {
        const x = rect.x + rect.width * fx, y = rect.y + rect.height * fy;
        const hit = hitAt(element.ownerDocument, x, y);
        if (hit && (within(hit, element) || within(element, hit) && hit.contains(element) && hit === element.closest('label, a, button') || element.labels && Array.from(element.labels).some(label => within(hit, label))))
          return outward(element, x, y);
        covering = hit || covering;
      }
    }
    throw new Error(covering ? `${ref} is covered by ${describe(covering)}` : `${ref} cannot be scrolled into view`);
  }

  const tell = (element, ...names) => names.forEach(name => element.dispatchEvent(new Event(name, {bubbles: true, composed: true})));

  // Makes a field ready for typing: focused, with what it holds selected. False: the value was set, as nobody types into such a field.
  function prepare(ref, text) {
    const element = usable(ref);
    if (element.readOnly) throw new Error(`${ref} is read-only`);
    if (element.isContentEditable) {
      element.focus();
      const selection = windowOf(element).getSelection();
      selection.selectAllChildren(element);
      return true;
    }
    const tag = element.tagName;
    if (tag !== 'TEXTAREA' && tag !== 'INPUT' || /^(button|submit|reset|image|checkbox|radio|file|hidden)$/.test(element.type))
      throw new Error(`${ref} is no text field but a ${roleOf(element) || tag.toLowerCase()}`);
    element.focus();
    if (tag === 'TEXTAREA' || /^(text|search|url|tel|password|email|number)$/.test(element.type)) {
      if (element.type === 'number' && text.trim() && Number.isNaN(Number(text))) throw new Error(`${ref} takes a number`);
      element.select();
      return true;
    }
    const before = element.value;
    element.value = text;
    if (element.value !== text && element.type !== 'range') {
      element.value = before;
      throw new Error(`${ref} takes a ${element.type} such as ${({date: '2024-05-17', time: '13:45', month: '2024-05', week: '2024-W20', 'datetime-local': '2024-05-17T13:45', color: '#ff8800'})[element.type]}`);
    }
    tell(element, 'input', 'change');
    return false;
  }

  function choose(ref, values) {
    const element = usable(ref);
    if (element.tagName !== 'SELECT') throw new Error(`${ref} is no list of options but a ${roleOf(element) || element.tagName.toLowerCase()}`);
    if (values.length > 1 && !element.multiple) throw new Error(`${ref} takes one option`);
    const options = Array.from(element.options);
    const chosen = values.map(wanted => {
      const found = options.find(option => flat(option.label) === flat(wanted)) || options.find(option => option.value === wanted);
      if (!found) throw new Error(`${ref} has no option ${JSON.stringify(wanted)}; it has ${options.slice(0, 20).map(option => JSON.stringify(flat(option.label))).join(', ')}${options.length > 20 ? ' and more' : ''}`);
      if (found.matches(':disabled')) throw new Error(`the option ${JSON.stringify(wanted)} is disabled`);
      return found;
    });
    element.focus();
    options.forEach(option => { option.selected = chosen.includes(option); });
    tell(element, 'input', 'change');
  }

  function scrolls(element) {
    const style = styleOf(element);
    return element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(style.overflowY)
      || element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(style.overflowX) || element.tagName === 'TEXTAREA';
  }

  function scroll(ref, dx, dy, at) {
    let target = ref ? need(ref) : at ? hitAt(document, ...at) : null;
    while (target && !scrolls(target)) target = parentOf(target);
    (target || document.scrollingElement || document.documentElement).scrollBy({left: dx, top: dy, behavior: 'instant'});
    return new Promise(resolve => requestAnimationFrame(() => resolve(null)));
  }

  function focus(ref) { usable(ref).focus(); }

  // ---- coming to rest

  const turn = () => new Promise(resolve => { const channel = new MessageChannel(); channel.port1.onmessage = () => { channel.port1.close(); resolve(); }; channel.port2.postMessage(0); });

  // Lets the page's timers run, in its own time, until nothing has changed for `quiet` of its milliseconds, at most for `most`.
  async function restVirtual(clock, least, quiet, most) {
    let passed = 0, still = 0;
    for (;;) {
      const before = mutations;
      await turn();
      const next = clock(-1);
      if (mutations !== before) still = 0;
      if (passed >= least && (still >= quiet || passed >= most || next < 0 && mutations === before)) return passed;
      const step = Math.max(1, Math.min(next < 0 ? Infinity : next, passed < least ? least - passed : quiet - still));
      clock(step);
      passed += step;
      still += step;
    }
  }

  // The same in real time; at once where nothing has begun.
  async function restReal(least, quiet, most) {
    const start = performance.now();
    let last = start, before = mutations, changed = false;
    await turn();
    for (;;) {
      const now = performance.now();
      if (mutations !== before) [before, last, changed] = [mutations, now, true];
      if (now - start >= most || now - start >= least && (!changed || now - last >= quiet)) return now - start;
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  // The page's clock lives in the page's own world; events are the one thing that crosses over at once.
  function clockBy(event) {
    let next = -1;
    document.addEventListener(event + ':next', answer => { next = Number(answer.detail); });
    return ms => {
      next = -1;
      document.dispatchEvent(new CustomEvent(event, {detail: String(ms)}));
      return next;
    };
  }
  const clocks = new WeakMap();
  function clockOf(event) {
    if (!clocks.has(document)) clocks.set(document, clockBy(event));
    return clocks.get(document);
  }

  async function rest(event, least, quiet, most) {
    watch(document);
    return event ? restVirtual(clockOf(event), least, quiet, most) : restReal(least, quiet, most);
  }

  // ---- forms that the browser refuses to send

  let refused = '';
  document.addEventListener('invalid', event => { refused ||= refusalOf(event.target); }, true);

  function refusalOf(control) {
    const role = roleOf(control) || control.tagName.toLowerCase(), name = nameOf(control, role), validity = control.validity;
    const missing = {checkbox: 'tick this box', radio: 'choose one of these', combobox: 'choose one of the list', listbox: 'choose one of the list'}, file = control.type === 'file' && 'choose a file';
    const fault = validity.valueMissing ? file || missing[role] || 'fill in this field'
      : validity.typeMismatch && control.type === 'email' ? 'an email address is needed'
      : validity.typeMismatch && control.type === 'url' ? 'an address with its scheme is needed'
      : validity.patternMismatch ? `it must look like this: ${control.title || control.pattern}`
      : validity.rangeUnderflow ? `it must be at least ${control.min}`
      : validity.rangeOverflow ? `it must be at most ${control.max}`
      : validity.stepMismatch ? `it must be a multiple of ${control.step || 1}`
      : validity.tooShort ? `at least ${control.minLength} characters are needed`
      : validity.tooLong ? `at most ${control.maxLength} characters are taken` : control.validationMessage;
    return `form not sent: ${role}${name ? ` "${name}"` : ''}: ${fault}`;
  }

  function takeRefused() {
    const told = refused;
    refused = '';
    return told;
  }

  function reset() {
    refused = '';
    refs = new WeakMap();
    elements = new Map();
    count = 0;
  }

  watch(document);
  return {look, point, prepare, choose, scroll, focus, rest, reset};
})();
