import { usageAsked, type UsageWish, withUsage } from './stream-options';

describe(usageAsked.name, () => {
  it.each<[string, UsageWish]>([
    ['{}', 'absent'],
    ['{"stream_options":null}', 'absent'],
    ['{"stream_options":{}}', 'absent'],
    ['{"stream_options":{"include_usage":null,"x":1}}', 'absent'],
    ['{"messages":[{"stream_options":{"include_usage":true}}]}', 'absent'],
    ['{"stream_options":{"include_usage":true}}', 'asked'],
    ['{"stream\\u005foptions" : { "a":1, "include_us\\u0061ge" : true } }', 'asked'],
    ['{"stream_options":{"include_usage":false,"include_usage":true}}', 'asked'],
    ['{"stream_options":{"include_usage":false}}', 'declined'],
    ['{"stream_options":{"include_usage":"yes"}}', 'declined'],
    ['{"stream_options":"all"}', 'declined'],
    ['{"stream_options":[true]}', 'declined'],
  ])('reads %s as %s', (json, wish) => {
    expect(usageAsked(Buffer.from(json))).toBe(wish);
  });
});

describe(withUsage.name, () => {
  it.each([
    ['{}', '{"include_usage":true}'],
    ['{"stream_options":null}', '{"include_usage":true}'],
    ['{"stream_options":[]}', '{"include_usage":true}'],
    ['{"stream_options":{}}', '{"include_usage":true}'],
    ['{"stream_options":{ "a" : 1e400 }}', '{"include_usage":true, "a" : 1e400 }'],
    ['{"stream_options":{"include_usage":false,"b":-0}}', '{"include_usage":true,"b":-0}'],
  ])('makes of %s the options %s', (json, options) => {
    expect(withUsage(Buffer.from(json))).toBe(options);
  });
});
