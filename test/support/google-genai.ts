import { createRequire } from 'node:module';
import type * as library from '@google/genai' with { 'resolution-mode': 'import' };

// The package has a CommonJS build, but declares types for its ES modules only, which the compiler refuses to `require`.
export const { GoogleGenAI } = createRequire(__filename)('@google/genai') as typeof library;
