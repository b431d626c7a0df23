package main

import (
	"crypto/tls"
	"database/sql"
	"fmt"
	"math/rand"
	"os/exec"
)

func connections() {
	// catches: go-tls-verification-off
	open := &tls.Config{InsecureSkipVerify: true}
	// passes: go-tls-verification-off
	closed := &tls.Config{MinVersion: tls.VersionTLS12}
	fmt.Println(open, closed)
}

func commands(name string) {
	// catches: go-command-in-shell
	exec.Command("sh", "-c", "wc -l "+name).Run()
	// passes: go-command-in-shell
	exec.Command("wc", "-l", name).Run()
	// passes: go-command-in-shell
	exec.Command("sh", "-c", "ls | wc -l").Run()
}

func statements(db *sql.DB, name string) {
	// catches: go-sql-built-from-text
	db.Query(fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", name))
	// passes: go-sql-built-from-text
	db.Query("SELECT id FROM users WHERE name = ?", name)
}

func secrets() {
	// catches: go-random-for-secret
	token := rand.Int63()
	// passes: go-random-for-secret
	delay := rand.Intn(100)
	fmt.Println(token, delay)
}

func pages(text string) {
	// catches: go-markup-unescaped
	first := template.HTML(text)
	// passes: go-markup-unescaped
	second := template.HTML("<br>")
	fmt.Println(first, second)
}

func serve(handler http.Handler) {
	// catches: go-listens-without-timeout
	http.ListenAndServe(":8080", handler)
	// passes: go-listens-without-timeout
	(&http.Server{Addr: ":8080", ReadHeaderTimeout: time.Second}).ListenAndServe()
}
