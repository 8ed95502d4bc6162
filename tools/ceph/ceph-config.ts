/** Where the parts of one small Ceph cluster are, and how they shall be. */
export interface ClusterLayout {
  directory: string
  /** Names the cluster: a UUID. */
  fsid: string
  monitorPort: number
  /** Where radosgw answers S3. */
  port: number
  /** The loopback addresses it answers on, as they stand in a URL. */
  hosts: string[]
  /** Keep objects on disk, so that they survive a restart, or in memory. */
  keepsData: boolean
  /** How long a "day" of a lifecycle rule lasts, in seconds; without it a day. */
  lifecycleDaySeconds?: number | undefined
}

/**
 * The `ceph.conf` of a cluster of one monitor, one OSD and one radosgw, all on 127.0.0.1. Nobody but this machine can
 * reach it, hence no keys between its parts. Option names: https://docs.ceph.com/en/pacific/rados/configuration/
 */
export function cephConfig(layout: ClusterLayout): string {
  const { directory, fsid, monitorPort, port, hosts, keepsData, lifecycleDaySeconds } = layout
  return `${[
    '[global]',
    `fsid = ${fsid}`,
    `mon_host = [v2:127.0.0.1:${monitorPort}/0]`,
    'public_addr = 127.0.0.1',
    'cluster_addr = 127.0.0.1',
    'ms_bind_msgr1 = false',
    // Above the ports that `findFreePorts` gives, below those that Linux gives to outgoing connections.
    'ms_bind_port_min = 30000',
    'ms_bind_port_max = 32700',
    'auth_cluster_required = none',
    'auth_service_required = none',
    'auth_client_required = none',
    'ms_mon_client_mode = crc',
    // No control sockets: nobody asks them, and the path of one may have no more than 107 bytes.
    'admin_socket =',
    `run_dir = ${directory}`,
    `crash_dir = ${directory}/crash`,
    // To us instead of /var/log, and what went wrong instead of all that is done: presigned URLs are in no log.
    'log_file =',
    'log_to_stderr = true',
    'err_to_stderr = true',
    // Or the last words of one that cannot go on may be lost: another thread writes them.
    'log_flush_on_exit = true',
    'debug_mon = 0',
    'debug_paxos = 0',
    'debug_osd = 0',
    'debug_rocksdb = 0',
    'debug_bluestore = 0',
    'debug_bdev = 0',
    'debug_bluefs = 0',
    'debug_rgw = 0',
    // One disk has no replicas.
    'osd_pool_default_size = 1',
    'osd_pool_default_min_size = 1',
    'osd_pool_default_pg_num = 1',
    'osd_pool_default_pg_autoscale_mode = off',
    'osd_crush_chooseleaf_type = 0',
    'mon_allow_pool_size_one = true',
    'mon_warn_on_pool_no_redundancy = false',
    'mon_max_pg_per_osd = 1000',
    'objecter_tick_interval = 1',
    '[mon]',
    `mon_data = ${directory}/mon`,
    'mon_cluster_log_to_file = false',
    'mon_cluster_log_to_stderr = false',
    // A developer's disk may be nearly full.
    'mon_data_avail_warn = 2',
    'mon_data_avail_crit = 1',
    // There is nobody to agree with.
    'paxos_propose_interval = 0.05',
    '[osd]',
    `osd_data = ${directory}/osd`,
    `osd_objectstore = ${keepsData ? 'bluestore' : 'memstore'}`,
    'osd_crush_initial_weight = 1',
    // A radosgw that was killed is missed after 5 s instead of 30: the next one waits for it when it writes settings.
    'osd_client_watch_timeout = 5',
    // Nobody asks for what is under way.
    'osd_enable_op_tracker = false',
    'osd_class_load_list = *',
    'osd_class_default_list = *',
    'osd_memory_target = 939524096',
    'bluestore_cache_autotune = false',
    'bluestore_cache_size = 134217728',
    // A file with holes: it takes the room that is used.
    'bluestore_block_size = 21474836480',
    'bluestore_fsck_on_mkfs = false',
    'memstore_device_bytes = 8589934592',
    '[client]',
    `rgw_data = ${directory}/rgw`,
    `rgw_frontends = beast ${hosts.map((host) => `endpoint=${host}:${port}`).join(' ')}`,
    'rgw_thread_pool_size = 64',
    // A listing asks each shard of a bucket's index: the eleven that there are for millions of keys are not needed here.
    'rgw_override_bucket_index_max_shards = 1',
    'rgw_dynamic_resharding = false',
    ...(lifecycleDaySeconds ? [`rgw_lc_debug_interval = ${lifecycleDaySeconds}`] : []),
  ].join('\n')}\n`
}
