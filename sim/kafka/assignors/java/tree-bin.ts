interface Node {
  /** The entry it stands for, and its spread hash, by which the tree is ordered. */
  readonly entry: number;
  readonly spread: number;
  parent: Node | undefined;
  left: Node | undefined;
  right: Node | undefined;
  red: boolean;
}

/**
 * A crowded bin of a `HashMap` as Java keeps it: a red-black tree by hash. All that shows of it outside is the order of
 * iteration: a new entry comes right behind its parent in the tree, and the root of the tree is moved to the front.
 * Java: `HashMap.TreeNode`. Entries of equal hash are taken to come last, which is right for none but has no bearing on
 * numbers; and they would have to be nine strings of one hash.
 */
export class TreeBin {
  #root: Node | undefined;

  /** The entry at the root. */
  get root(): number {
    return this.#root!.entry;
  }

  /** Enters an entry, and returns the one that becomes its parent; −1 for the first. */
  insert(entry: number, spread: number): number {
    let parent: Node | undefined;
    for (let node = this.#root; node !== undefined; node = spread < node.spread ? node.left : node.right) parent = node;
    const added: Node = { entry, spread, parent, left: undefined, right: undefined, red: true };
    if (parent === undefined) this.#root = added;
    else if (spread < parent.spread) parent.left = added;
    else parent.right = added;
    this.#balance(added);
    return parent === undefined ? -1 : parent.entry;
  }

  /** Repairs "no red node has a red parent" from a new node upwards. */
  #balance(added: Node): void {
    let node = added;
    while (node.parent?.red) {
      const parent = node.parent;
      const grand = parent.parent!;
      const onLeft = parent === grand.left;
      const uncle = onLeft ? grand.right : grand.left;
      if (uncle?.red) {
        uncle.red = false;
        parent.red = false;
        grand.red = true;
        node = grand;
        continue;
      }
      if (node === (onLeft ? parent.right : parent.left)) {
        this.#rotate(parent, onLeft);
        node = parent;
      }
      node.parent!.red = false;
      grand.red = true;
      this.#rotate(grand, !onLeft);
    }
    this.#root!.red = false;
  }

  /** Lets a child take the node's place: the right one if `toLeft`, else the left one. */
  #rotate(node: Node, toLeft: boolean): void {
    const child = (toLeft ? node.right : node.left)!;
    const inner = toLeft ? child.left : child.right;
    if (toLeft) node.right = inner;
    else node.left = inner;
    if (inner !== undefined) inner.parent = node;
    child.parent = node.parent;
    if (node.parent === undefined) this.#root = child;
    else if (node.parent.left === node) node.parent.left = child;
    else node.parent.right = child;
    if (toLeft) child.left = node;
    else child.right = node;
    node.parent = child;
  }
}
