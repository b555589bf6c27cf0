import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ObjectOwners } from './object-owners';
import { ObjectPurge } from './object-purge';
import { UpstreamObject } from './upstream-object.entity';
import { UpstreamObjectsRepository } from './upstream-objects.repository';

/** Which key created what upstreams keep for their callers. */
@Module({
  imports: [TypeOrmModule.forFeature([UpstreamObject])],
  providers: [UpstreamObjectsRepository, ObjectOwners, ObjectPurge],
  exports: [ObjectOwners],
})
export class ObjectsModule {}
