// A server that waits a moment, listens, and says by every means that it is ready.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	// As long as many a server takes to come up.
	time.Sleep(100 * time.Millisecond)
	network, address := "tcp", net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))
	if path := os.Getenv("SOCKET_PATH"); path != "" {
		network, address = "unix", path
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	now := time.Now()
	if os.Getenv("NOTIFY_FD") != "" {
		os.NewFile(3, "notify").WriteString("READY=1\n")
	}
	fmt.Printf("ready %d.%03d\n", now.UnixMilli(), now.UnixMicro()%1000)
	http.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}
