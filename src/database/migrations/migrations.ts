import { Foundation1700000000000 } from './1700000000000-foundation';
import { KeyHealth1700000001000 } from './1700000001000-key-health';
import { KeyOperations1700000002000 } from './1700000002000-key-operations';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1700000000000, KeyHealth1700000001000, KeyOperations1700000002000];
