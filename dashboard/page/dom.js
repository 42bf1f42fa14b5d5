// Elements, and lists of them that are updated in place: what has not changed is not touched, so that
// focus, selection and scrolling survive. Text goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') node.textContent = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// element('button', {class: 'x', text: 'Go', onclick: go}, child…)
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

// value null: without the attribute
export function setAttribute(node, name, value) {
  if (value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

function insert(parent, node, before) {
  if (parent.moveBefore && node.isConnected && node.parentNode === parent) {
    parent.moveBefore(node, before); // keeps focus
  } else {
    parent.insertBefore(node, before);
  }
}

// The children of `parent` behind its `fixed` first ones, one for each item, in the order of the items.
export class KeyedList {
  // make(item) gives an element; update(element, item) is called for new ones as well.
  constructor(parent, { keyOf, make, update, fixed = 0 }) {
    Object.assign(this, { parent, keyOf, make, update, fixed });
    this.nodes = new Map();
  }

  show(items) {
    const focused = document.activeElement;
    const held = this.parent.contains(focused);
    const left = new Map(this.nodes);
    const wanted = items.map(item => this.take(item, left));
    const place = held ? this.placeOf(focused) : -1;
    for (const [key, node] of left) {
      this.nodes.delete(key);
      node.remove();
    }
    this.order(wanted);
    if (held && document.activeElement !== focused) this.refocus(focused, wanted, place);
  }

  take(item, left) {
    const key = this.keyOf(item);
    let node = this.nodes.get(key);
    if (node === undefined) {
      node = this.make(item);
      this.nodes.set(key, node);
    }
    left.delete(key);
    this.update(node, item);
    return node;
  }

  order(wanted) {
    let cursor = this.parent.children[this.fixed] ?? null;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextElementSibling;
      else insert(this.parent, node, cursor);
    }
  }

  placeOf(focused) {
    return [...this.parent.children].findIndex(child => child.contains(focused)) - this.fixed;
  }

  // The element that had the focus was moved, or is gone: then the one in its place gets it.
  refocus(focused, wanted, place) {
    if (focused.isConnected) {
      focused.focus({ preventScroll: true });
      return;
    }
    const next = wanted[Math.min(Math.max(place, 0), wanted.length - 1)];
    const tag = focused.tagName.toLowerCase();
    const target = next?.querySelector(`${tag}.${focused.classList[focused.classList.length - 1]}`) ??
      next?.querySelector('button') ?? this.parent.closest('section')?.querySelector('h2');
    target?.focus({ preventScroll: true });
  }
}
