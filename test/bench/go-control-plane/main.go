// Command go-control-plane is the server that the control plane is measured against: endpoints of many services from a linear
// cache, in both protocols on one ADS. Like fed-control-plane.ts it takes a JSON line for each command on stdin, and prints its port.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// command is a new state with as many Services of as many Endpoints, or a change of one endpoint of Service.
type command struct {
	Services  int
	Endpoints int
	Service   int
	Change    int
}

// world is what is true, and the cache that tells it.
type world struct {
	cache *cache.LinearCache
	// addresses of all services.
	addresses [][]string
}

func main() {
	w := &world{cache: cache.NewLinearCache(resource.EndpointType)}
	mux := &cache.MuxCache{
		Classify:      func(request *cache.Request) string { return request.GetTypeUrl() },
		ClassifyDelta: func(request *cache.DeltaRequest) string { return request.GetTypeUrl() },
		Caches:        map[string]cache.Cache{resource.EndpointType: w.cache},
	}
	grpcServer := grpc.NewServer(grpc.MaxConcurrentStreams(1000))
	discoveryv3.RegisterAggregatedDiscoveryServiceServer(grpcServer, server.NewServer(context.Background(), mux, nil))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(grpcServer.Serve(listener)) }()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	// The parent holds the other end: without it this process ends.
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := w.obey(lines.Bytes()); err != nil {
			log.Fatal(err)
		}
	}
}

func (w *world) obey(line []byte) error {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	if c.Services > 0 {
		w.begin(c.Services, c.Endpoints)
		return nil
	}
	w.addresses[c.Service][0] = marker(c.Service, c.Change)
	return w.cache.UpdateResource(nameOf(c.Service), assignment(c.Service, w.addresses[c.Service]))
}

func (w *world) begin(services, endpoints int) {
	w.addresses = make([][]string, services)
	all := make(map[string]types.Resource, services)
	for service := range w.addresses {
		w.addresses[service] = []string{marker(service, 0)}
		for index := 1; index < endpoints; index++ {
			w.addresses[service] = append(w.addresses[service], fmt.Sprintf("10.%d.%d.%d", service, index/256, index%256))
		}
		all[nameOf(service)] = assignment(service, w.addresses[service])
	}
	w.cache.SetResources(all)
}

func nameOf(service int) string {
	return fmt.Sprintf("service-%d", service)
}

// marker is the address that a change puts first; subscribers look for it.
func marker(service, change int) string {
	return fmt.Sprintf("fd00::%d:%d", service, change)
}

// assignment is the same message that endpointsResource of the control plane makes.
func assignment(service int, addresses []string) *endpointv3.ClusterLoadAssignment {
	lbEndpoints := make([]*endpointv3.LbEndpoint, len(addresses))
	for i, address := range addresses {
		lbEndpoints[i] = lbEndpoint(address)
	}
	return &endpointv3.ClusterLoadAssignment{
		ClusterName: nameOf(service),
		Endpoints: []*endpointv3.LocalityLbEndpoints{{
			Locality:            &corev3.Locality{Zone: "everywhere"},
			LoadBalancingWeight: wrapperspb.UInt32(uint32(len(addresses))),
			LbEndpoints:         lbEndpoints,
		}},
	}
}

func lbEndpoint(address string) *endpointv3.LbEndpoint {
	socketAddress := &corev3.SocketAddress{
		Address:       address,
		PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: 50051},
	}
	return &endpointv3.LbEndpoint{HostIdentifier: &endpointv3.LbEndpoint_Endpoint{Endpoint: &endpointv3.Endpoint{
		Address: &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: socketAddress}},
	}}}
}
