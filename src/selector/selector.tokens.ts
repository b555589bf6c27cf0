/** Every `SelectionStrategy` there is, as one typed list. */
export const SELECTION_STRATEGIES = Symbol('SELECTION_STRATEGIES');
