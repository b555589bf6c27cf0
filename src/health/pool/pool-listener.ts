/** Is told which keys of one pool may be picked, at the moment that this changes. */
export interface PoolListener {
  /** The key in this slot may be picked, or not, whatever the model. */
  onSwitched(slot: number, isUsable: boolean): void;
  /** The key in this slot may not be picked for this one model, or may be again. */
  onBenched(slot: number, model: string, isBenched: boolean): void;
}
