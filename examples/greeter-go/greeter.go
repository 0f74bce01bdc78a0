package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const maxNameLength = 100

type greeter struct {
	mux  *http.ServeMux
	hung atomic.Bool

	mu     sync.Mutex
	leaked [][]byte
	heldMB int
}

func newGreeter() *greeter {
	g := &greeter{mux: http.NewServeMux()}
	g.mux.HandleFunc("/health", g.health)
	g.mux.HandleFunc("/greet", g.greet)
	g.mux.HandleFunc("/crash", g.crash)
	g.mux.HandleFunc("/hang", g.hang)
	g.mux.HandleFunc("/leak", g.leak)
	g.mux.HandleFunc("/burn", g.burn)
	g.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "nothing is at "+r.URL.Path)
	})
	return g
}

func (g *greeter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.hung.Load() {
		select {}
	}
	g.mux.ServeHTTP(w, r)
}

func (g *greeter) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "ok", "pid": os.Getpid()})
}

func (g *greeter) greet(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	if name == "" {
		name = "World"
	}
	if utf8.RuneCountInString(name) > maxNameLength {
		fail(w, http.StatusBadRequest, fmt.Sprintf("a name has at most %d characters", maxNameLength))
		return
	}
	fmt.Printf("greeting %q\n", name)
	answer(w, http.StatusOK, map[string]any{"greeting": "Hello, " + name + "!"})
}

func (g *greeter) crash(http.ResponseWriter, *http.Request) {
	// net/http recovers a panic in a handler; one in another goroutine ends the process.
	go panic("crash: as requested")
	select {}
}

func (g *greeter) hang(http.ResponseWriter, *http.Request) {
	fmt.Println("hang: nothing is answered from now on")
	g.hung.Store(true)
	select {}
}

func (g *greeter) leak(w http.ResponseWriter, r *http.Request) {
	mb, ok := number(w, r, "mb", 100, 1024)
	if !ok {
		return
	}
	block := make([]byte, mb<<20)
	// A page that was never written does not count as resident memory.
	for i := 0; i < len(block); i += os.Getpagesize() {
		block[i] = 1
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leaked = append(g.leaked, block)
	g.heldMB += mb
	fmt.Printf("leak: holding %d MiB\n", g.heldMB)
	answer(w, http.StatusOK, map[string]any{"heldMB": g.heldMB})
}

func (g *greeter) burn(w http.ResponseWriter, r *http.Request) {
	seconds, ok := number(w, r, "seconds", 30, 3600)
	if !ok {
		return
	}
	fmt.Printf("burn: busy for %d s\n", seconds)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	go func() {
		for time.Now().Before(end) {
		}
	}()
	answer(w, http.StatusOK, map[string]any{"seconds": seconds})
}

// number reads a query parameter between 1 and limit, and answers 400 itself when it is anything else.
func number(w http.ResponseWriter, r *http.Request, name string, fallback, limit int) (int, bool) {
	text := r.FormValue(name)
	if text == "" {
		return fallback, true
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 || value > limit {
		fail(w, http.StatusBadRequest, fmt.Sprintf("%s must be a whole number from 1 to %d", name, limit))
		return 0, false
	}
	return value, true
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"error": message})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The only error left is a client that went away.
	_ = json.NewEncoder(w).Encode(body)
}
