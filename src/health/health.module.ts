import { HttpModule } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { ChannelBreakers } from '../channels/channel-breakers';
import { ChannelsModule } from '../channels/channels.module';
import { KeysModule } from '../keys/keys.module';
import { KeyTestJobs } from '../keys/bulk/key-test-jobs';
import { AlertDesk } from './alerts/alert-desk';
import { AlertSender } from './alerts/alert-sender';
import { AnswerClassifier } from './api/answer-classifier';
import { ClassifyController } from './api/classify.controller';
import { KeyProbesController } from './api/key-probes.controller';
import { KeyRetry } from './api/key-retry';
import { KeyTests } from './api/key-tests';
import { KeysHealth } from './api/keys-health';
import { KeysHealthController } from './api/keys-health.controller';
import { BreakerTrials } from './breaker-trials';
import { ChannelTestController } from './channel-test.controller';
import { ChannelTester } from './channel-tester';
import { HealthPolicies } from './health-policy';
import { HealthRegistry } from './health-registry';
import { KeyHealth } from './key-health';
import { KeyPenalties } from './key-penalties';
import { MemoryBreakers } from './memory-breakers';
import { OwnRequests } from './own-requests';
import { ProbeSchedule } from './probe-schedule';
import { AdminProbe } from './probe/admin-probe';
import { ProbeLeases } from './probe/probe-leases.repository';
import { ProbeLimiter } from './probe/probe-limiter';
import { ProbeSettlement } from './probe/probe-settlement';
import { Prober } from './probe/prober';
import { UpstreamProbe } from './probe/upstream-probe';
import { TransitionQueue } from './transition-queue';
import { WaveWatch } from './wave-watch';

/** What upstreams' answers mean for keys and channels, and how both recover. */
@Module({
  imports: [HttpModule, ChannelsModule, KeysModule],
  controllers: [ChannelTestController, ClassifyController, KeyProbesController, KeysHealthController],
  providers: [
    HealthPolicies,
    HealthRegistry,
    KeyHealth,
    KeyPenalties,
    TransitionQueue,
    WaveWatch,
    BreakerTrials,
    ProbeSchedule,
    AdminProbe,
    ProbeLeases,
    ProbeLimiter,
    ProbeSettlement,
    Prober,
    UpstreamProbe,
    OwnRequests,
    AlertDesk,
    AlertSender,
    ChannelTester,
    AnswerClassifier,
    KeyRetry,
    KeyTests,
    KeysHealth,
    { provide: KeyTestJobs, useExisting: KeyTests },
    { provide: ChannelBreakers, useClass: MemoryBreakers },
  ],
  exports: [AlertSender, ChannelBreakers, HealthRegistry, KeyHealth, KeyTestJobs, OwnRequests],
})
export class HealthModule {}
