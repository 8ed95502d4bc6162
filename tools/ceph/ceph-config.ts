/** The folders, ports and options of a small Ceph cluster. */
export interface ClusterLayout {
  directory: string
  /** The UUID of the cluster. */
  fsid: string
  monitorPort: number
  /** The port of the S3 endpoint (radosgw). */
  port: number
  /** The loopback addresses that radosgw listens on, as written in a URL. */
  hosts: string[]
  /** True keeps objects on disk, so that they survive a restart; false keeps them in memory. */
  keepsData: boolean
  /** The length of a "day" of lifecycle rules in seconds. Default: 86,400. */
  lifecycleDaySeconds?: number | undefined
}

/**
 * Returns the `ceph.conf` of a cluster of one monitor, one OSD and one radosgw, all on 127.0.0.1. Only this machine can
 * reach them, so they use no keys. Option names: https://docs.ceph.com/en/pacific/rados/configuration/
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
    // Above the ports of `findFreePorts`, below the ports that Linux uses for outgoing connections.
    'ms_bind_port_min = 30000',
    'ms_bind_port_max = 32700',
    'auth_cluster_required = none',
    'auth_service_required = none',
    'auth_client_required = none',
    'ms_mon_client_mode = crc',
    // No control sockets: they are not used, and their path is limited to 107 bytes.
    'admin_socket =',
    `run_dir = ${directory}`,
    `crash_dir = ${directory}/crash`,
    // Log to stderr instead of /var/log, and only errors: no log contains presigned URLs.
    'log_file =',
    'log_to_stderr = true',
    'err_to_stderr = true',
    // Another thread writes the log, so the last lines before a crash may be lost otherwise.
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
    // A single monitor needs no time to agree with others.
    'paxos_propose_interval = 0.05',
    '[osd]',
    `osd_data = ${directory}/osd`,
    `osd_objectstore = ${keepsData ? 'bluestore' : 'memstore'}`,
    'osd_crush_initial_weight = 1',
    // Detect a killed radosgw after 5 s instead of 30: until then, the next one waits for it when it writes settings.
    'osd_client_watch_timeout = 5',
    // The list of running operations is not used.
    'osd_enable_op_tracker = false',
    'osd_class_load_list = *',
    'osd_class_default_list = *',
    'osd_memory_target = 939524096',
    'bluestore_cache_autotune = false',
    'bluestore_cache_size = 134217728',
    // A sparse file: it uses only as much disk space as it has data.
    'bluestore_block_size = 21474836480',
    'bluestore_fsck_on_mkfs = false',
    'memstore_device_bytes = 8589934592',
    '[client]',
    `rgw_data = ${directory}/rgw`,
    `rgw_frontends = beast ${hosts.map((host) => `endpoint=${host}:${port}`).join(' ')}`,
    'rgw_thread_pool_size = 64',
    // A listing reads each shard of a bucket's index. The default of 11 shards is for millions of keys.
    'rgw_override_bucket_index_max_shards = 1',
    'rgw_dynamic_resharding = false',
    ...(lifecycleDaySeconds ? [`rgw_lc_debug_interval = ${lifecycleDaySeconds}`] : []),
  ].join('\n')}\n`
}
