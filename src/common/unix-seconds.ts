/** The form of times in the admin API; 0 where there is none. */
export function unixSeconds(date: Date | null): number {
  return date === null ? 0 : Math.floor(date.getTime() / 1000);
}
