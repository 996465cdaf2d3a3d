/**
 * The same check of what chance made up, but for the first so many: those are another tier's, by the same seed. What is
 * tried to find a smallest failure comes after them, and is checked.
 */
export function goingOn<T>(first: number, check: (made: T) => void): (made: T) => void {
  let met = 0;
  return (made) => {
    if (met++ >= first) check(made);
  };
}
