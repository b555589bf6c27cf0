import type { Channel } from './channel.entity';
import { ChannelChanges } from './channel-changes';
import { ChannelDirectory } from './channel-directory';
import type { ChannelsRepository } from './channels.repository';
import type { ChannelProxies } from './proxy/channel-proxies';
import { STATUS } from './status';

function aChannel(id: number, fields: Partial<Channel> = {}): Channel {
  return {
    id,
    type: 'openai',
    baseUrl: 'https://api.example.com/v1',
    status: STATUS.enabled,
    models: [],
    modelMapping: {},
    priority: 0,
    settings: {},
    headerOverride: {},
    paramOverride: {},
    createdAt: new Date(0),
    ...fields,
  } as Partial<Channel> as Channel;
}

describe(ChannelDirectory, () => {
  const proxies = { open: () => null } as Partial<ChannelProxies> as ChannelProxies;

  async function directoryOf(...channels: Channel[]): Promise<ChannelDirectory> {
    const repository = { listServing: () => Promise.resolve(channels) } as Partial<ChannelsRepository>;
    const directory = new ChannelDirectory(repository as ChannelsRepository, new ChannelChanges(), proxies);
    await directory.reload();
    return directory;
  }

  it('knows no channel before it has read them', () => {
    const directory = new ChannelDirectory({} as ChannelsRepository, new ChannelChanges(), proxies);
    expect(directory.candidates('gpt-4o', 'openai')).toEqual([]);
  });

  it('finds the channels of one dialect, the highest priority first, then the lowest id', async () => {
    const directory = await directoryOf(
      aChannel(1),
      aChannel(2, { type: 'anthropic' }),
      aChannel(3, { type: 'azure', priority: 1 }),
      aChannel(4, { type: 'deepseek', modelMapping: { 'gpt-*': 'm' } }),
      aChannel(5, { type: 'gemini', models: ['gemini-2'] }),
    );
    const ids = (model: string, dialect: 'openai' | 'anthropic' | 'gemini'): number[] =>
      directory.candidates(model, dialect).map(({ id }) => id);
    expect(ids('gpt-4o', 'openai')).toEqual([3, 1, 4]);
    expect(ids('gpt-4o', 'anthropic')).toEqual([2]);
    expect(ids('gpt-4o', 'gemini')).toEqual([]);
    expect(ids('gemini-2', 'gemini')).toEqual([5]);
  });

  it('has each channel ready for use', async () => {
    const directory = await directoryOf(
      aChannel(1),
      aChannel(2, {
        type: 'azure',
        settings: { api_version: 'preview', affinity: true, stream_usage: true },
        headerOverride: { 'X-Title': 'a', 'User-Agent': null },
        paramOverride: { temperature: 0.5, user: null, stop: ['\n'] },
      }),
    );
    expect(directory.find(1)).toMatchObject({
      dialect: 'openai',
      basePath: '/v1',
      apiVersion: '2024-10-21',
      affinity: false,
      streamUsage: false,
      headerOverride: new Map(),
      paramOverride: new Map(),
    });
    expect(directory.find(2)).toMatchObject({
      dialect: 'openai',
      apiVersion: 'preview',
      affinity: true,
      streamUsage: true,
      headerOverride: new Map([
        ['x-title', 'a'],
        ['user-agent', null],
      ]),
      paramOverride: new Map([
        ['temperature', '0.5'],
        ['user', null],
        ['stop', '["\\n"]'],
      ]),
    });
  });
});
