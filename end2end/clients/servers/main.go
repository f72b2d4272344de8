// Go's net/http.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func ask(method, path string) int {
	asked, _ := http.NewRequest(method, os.Getenv("DAYPASS")+path, nil)
	asked.Header.Set("Authorization", "Bearer "+os.Getenv("SECRET"))
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		panic(err)
	}
	return answer.StatusCode
}

func main() {
	fmt.Println(ask("GET", os.Getenv("QUESTION")), ask("POST", "/api/GetTemporaryToken"))
}
