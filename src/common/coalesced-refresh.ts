/**
 * Runs a refresh so that each caller gets a picture at least as new as his call, and never two run at once:
 * calls that come during a run share the one run that follows it.
 */
export class CoalescedRefresh {
  private current: Promise<void> | null = null;
  private following: Promise<void> | null = null;

  constructor(private readonly refresh: () => Promise<void>) {}

  run(): Promise<void> {
    if (!this.current) return (this.current = this.start());
    this.following ??= this.current.then(
      () => this.startFollowing(),
      () => this.startFollowing(),
    );
    return this.following;
  }

  private async start(): Promise<void> {
    try {
      await this.refresh();
    } finally {
      // A run that waits for this one takes its place; until then nobody else may start.
      if (!this.following) this.current = null;
    }
  }

  private startFollowing(): Promise<void> {
    this.following = null;
    return (this.current = this.start());
  }
}
