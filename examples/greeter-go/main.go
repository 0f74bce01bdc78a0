// Greeter is a small HTTP server that serves over TCP or a Unix socket, stops gracefully,
// and can be told to crash, hang, leak and burn.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const shutdownTimeout = 5 * time.Second

func main() {
	host := flag.String("host", envOr("HOST", "127.0.0.1"), "address to listen on")
	port := flag.String("port", envOr("PORT", "8080"), "TCP port to listen on")
	socket := flag.String("socket", os.Getenv("SOCKET_PATH"), "Unix socket to listen on instead of TCP")
	flag.Parse()

	if err := run(*host, *port, *socket); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func run(host, port, socket string) error {
	listener, err := listen(host, port, socket)
	if err != nil {
		return err
	}
	interrupted, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	server := &http.Server{Handler: newGreeter(), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case err := <-served:
		return err
	case <-interrupted.Done():
	}
	fmt.Println("finishing the requests in flight")
	bounded, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = server.Shutdown(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("requests were still in flight after %v", shutdownTimeout)
	}
	return err
}

func listen(host, port, socket string) (net.Listener, error) {
	if socket == "" {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return nil, fmt.Errorf("cannot listen: %w", err)
		}
		fmt.Printf("listening on http://%s\n", listener.Addr())
		return listener, nil
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	fmt.Printf("listening on unix:%s\n", socket)
	return listener, nil
}
