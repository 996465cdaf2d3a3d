/** Seconds of processor time that something takes: what else the machine does meanwhile does not count. */
export function cpuSeconds(deed: () => void): number {
  const before = process.cpuUsage();
  deed();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
