// Command etcd is etcd alone, for where the rest of Kubernetes came as a release: etcd's own releases are not among those.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
