import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { eachOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import { sound } from '../support/openai-media-answers';
import type { Endpoint, Passage } from '../support/passage';
import { PRIVATE_HEADERS } from '../support/passed-headers';

const SPEECH = { model: 'gpt-4o-mini-tts', voice: 'alloy' as const, input: 'Grüße, 世界' };
const WHISPER = 'whisper-1';
const IMAGE_MODEL = 'gpt-image-1';

describe('the client of OpenAI, with images and sound', () => {
  let scene: ConformanceScene;
  let passage: Passage;
  let folder: string;
  let soundFile: string;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve();
    folder = await mkdtemp(join(tmpdir(), 'keymux-sound-'));
    soundFile = join(folder, 'sound.mp3');
    await writeFile(soundFile, sound());
  });

  afterAll(async () => {
    await scene.stop();
    await rm(folder, { recursive: true });
  });

  function connect({ baseUrl, apiKey }: Endpoint): OpenAI {
    return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, maxRetries: 0, defaultHeaders: PRIVATE_HEADERS });
  }

  const aSound = (): Promise<File> => toFile(sound(), 'größe.mp3', { type: 'audio/mpeg' });
  const anImage = (): Promise<File> => toFile(Buffer.alloc(5_000, 'pixels'), 'image.png', { type: 'image/png' });

  it.each<[string, (client: OpenAI) => Promise<unknown>]>([
    [
      'a transcription, the model after the file',
      async (client) => client.audio.transcriptions.create({ file: await aSound(), model: WHISPER, language: 'de' }),
    ],
    [
      'a transcription, the model before the file',
      async (client) => client.audio.transcriptions.create({ model: WHISPER, file: await aSound(), temperature: 0 }),
    ],
    [
      'a transcription of a file that is read as it goes',
      (client) => client.audio.transcriptions.create({ model: WHISPER, file: createReadStream(soundFile) }),
    ],
    [
      'a transcription as text',
      async (client) =>
        client.audio.transcriptions.create({ file: await aSound(), model: WHISPER, response_format: 'text' }),
    ],
    [
      'a streamed transcription',
      async (client) => {
        const model = 'gpt-4o-transcribe';
        return eachOf(await client.audio.transcriptions.create({ file: await aSound(), model, stream: true }));
      },
    ],
    [
      'a translation',
      async (client) => client.audio.translations.create({ file: await aSound(), model: WHISPER, prompt: '世界' }),
    ],
    ['an image', (client) => client.images.generate({ model: IMAGE_MODEL, prompt: 'a cat', n: 1 })],
    ['an image by the default model', (client) => client.images.generate({ prompt: 'a cat' })],
    [
      'a streamed image',
      async (client) => eachOf(await client.images.generate({ model: IMAGE_MODEL, prompt: 'a cat', stream: true })),
    ],
    [
      'an edited image',
      async (client) =>
        client.images.edit({ image: await anImage(), mask: await anImage(), prompt: 'a hat', model: IMAGE_MODEL }),
    ],
    [
      'an image made of several',
      async (client) =>
        client.images.edit({ model: IMAGE_MODEL, image: [await anImage(), await anImage()], prompt: 'both' }),
    ],
    [
      'a variation by the default model',
      async (client) => client.images.createVariation({ image: await anImage(), n: 1, size: '256x256' }),
    ],
  ])('gets %s as from OpenAI itself, every byte passed', async (_, call) => {
    await passage.expectSame((endpoint) => call(connect(endpoint)));
  });

  it('gets speech, every byte passed', async () => {
    await passage.expectSame(async (endpoint) => {
      const speech = await connect(endpoint).audio.speech.create(SPEECH);
      expect(Buffer.from(await speech.arrayBuffer()).equals(sound())).toBe(true);
    });
  });
});
