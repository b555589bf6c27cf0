import { Foundation1700000000000 } from './1700000000000-foundation';
import { KeyHealth1700000001000 } from './1700000001000-key-health';
import { KeyOperations1700000002000 } from './1700000002000-key-operations';
import { RelayChannels1700000003000 } from './1700000003000-relay-channels';
import { ChannelProxy1700000004000 } from './1700000004000-channel-proxy';
import { TokenLimits1700000005000 } from './1700000005000-token-limits';
import { UpstreamObjects1700000006000 } from './1700000006000-upstream-objects';
import { Usage1700000007000 } from './1700000007000-usage';
import { TokenBudgets1700000008000 } from './1700000008000-token-budgets';

/** Every migration, oldest first. */
export const MIGRATIONS = [
  Foundation1700000000000,
  KeyHealth1700000001000,
  KeyOperations1700000002000,
  RelayChannels1700000003000,
  ChannelProxy1700000004000,
  TokenLimits1700000005000,
  UpstreamObjects1700000006000,
  Usage1700000007000,
  TokenBudgets1700000008000,
];
