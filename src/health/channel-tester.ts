import { Injectable } from '@nestjs/common';
import type { ChannelTestDto, TestChannelDto } from './channel-test.dto';
import { AdminProbe } from './probe/admin-probe';
import type { ProbeFinding } from './probe/probe-finding';
import { ProbeSettlement } from './probe/probe-settlement';
import type { Verdict } from './verdict/verdict';

type Said = Pick<ChannelTestDto, 'verdict' | 'code' | 'message'>;

/** Tries one key of a channel with one real request; changes nothing unless told to. */
@Injectable()
export class ChannelTester {
  constructor(
    private readonly probes: AdminProbe,
    private readonly settlement: ProbeSettlement,
  ) {}

  async test(channelId: number, { model, key_index, apply = false }: TestChannelDto): Promise<ChannelTestDto> {
    const finding = await this.probes.probe({ channelId, index: key_index, model });
    const transition = this.settlement.propose(finding);
    return {
      ...answerOf(finding),
      ...saidBy(finding.said),
      would_become: transition?.to ?? null,
      applied: apply && transition !== null && (await this.settlement.store(channelId, transition)),
    };
  }
}

function answerOf(finding: ProbeFinding): Omit<ChannelTestDto, keyof Said | 'would_become' | 'applied'> {
  const { key, said, httpStatus, latencyMs } = finding;
  return {
    key_index: key.index,
    key_id: key.keyId,
    key: key.mask,
    ok: httpStatus !== null && httpStatus >= 200 && httpStatus < 300,
    http_status: httpStatus,
    latency_ms: latencyMs,
    // Node.js writes the codes of its errors in capitals, a verdict writes all codes in small letters.
    problem: httpStatus === null && said !== null ? `No answer: ${said.code.toUpperCase()}` : null,
  };
}

function saidBy(said: Verdict | null): Said {
  return said === null
    ? { verdict: null, code: null, message: null }
    : { verdict: said.kind, code: said.code, message: said.message };
}
