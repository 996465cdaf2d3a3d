/**
 * A state machine as a table: for each state, the reasons that lead out of it and where they lead.
 * The table is the documentation, the guard, the diagram on the page and the list of what timelines have to show.
 */
export type Machine = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The names of a machine's states. */
export type StateOf<M extends Machine> = keyof M & string;

/** The names of all reasons that occur in a machine. */
export type ReasonOf<M extends Machine> = { [S in keyof M]: keyof M[S] & string }[keyof M];

/**
 * The state that `reason` leads to.
 *
 * @throws when the table has no such way: a defect of ours, never of a user.
 */
export function next<M extends Machine>(machine: M, from: StateOf<M>, reason: ReasonOf<M>): StateOf<M> {
  const to = machine[from][reason];
  if (to === undefined) throw new Error(`no way out of ${from} by "${reason}"`);
  return to as StateOf<M>;
}
