import { Foundation1700000000000 } from './1700000000000-foundation';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1700000000000];
