import { ApiProperty } from '@nestjs/swagger';

export class SystemStatusDto {
  @ApiProperty({ example: '0.1.0' })
  readonly version!: string;
  @ApiProperty({ example: '/docs' })
  readonly docs_url!: string;
}
