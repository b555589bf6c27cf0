/** What a channel or a key may be; the numbers and the Chinese texts go over the wire. */
export const STATUS = { enabled: 1, disabledByHand: 2, disabledAutomatically: 3 } as const;

export type Status = (typeof STATUS)[keyof typeof STATUS];

const STATUS_TEXTS: Readonly<Record<Status, string>> = { 1: '已启用', 2: '手动禁用', 3: '自动禁用' };

export function statusText(status: Status): string {
  return STATUS_TEXTS[status];
}
